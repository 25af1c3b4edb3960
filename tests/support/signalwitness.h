// SPDX-License-Identifier: MIT
#pragma once

/// Counts the signals that this program sends to others, at the one door that all of them pass: the
/// call into libc. Link signalwitness.cpp. Questions ("does it live?", signal 0) are none.
namespace SignalWitness {

int signalsSent();

} // namespace SignalWitness
