// SPDX-License-Identifier: MIT
#pragma once

#include <QTest>

// Comes before every test (entracte_add_test). QtTest waits five seconds for what is to become
// true; a sanitized program beside others on a small machine takes longer to start. Nobody waits
// longer than it takes: only a failure costs the minute.
#undef QTRY_VERIFY
#define QTRY_VERIFY(expr) QTRY_VERIFY_WITH_TIMEOUT((expr), 60'000)
#undef QTRY_VERIFY2
#define QTRY_VERIFY2(expr, text) QTRY_VERIFY2_WITH_TIMEOUT((expr), text, 60'000)
#undef QTRY_COMPARE
#define QTRY_COMPARE(expr, expected) QTRY_COMPARE_WITH_TIMEOUT((expr), expected, 60'000)
