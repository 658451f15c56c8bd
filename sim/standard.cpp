// SPDX-License-Identifier: Apache-2.0
// Nothing: the library of this file has the precompiled header that others use.
