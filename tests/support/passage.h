// SPDX-License-Identifier: MIT
#pragma once

#include "support/faultshim.h"

#include <optional>
#include <string>

/// What an arranged call meets. Inside the fault shim.
struct Arrangement
{
    FaultShim::Call call;
    int number;
    std::optional<FaultShim::Fault> fault; ///< or one of the actions
    int errorNumber = 0;
    FaultShim::Lasting lasting = FaultShim::Lasting::Once;
    std::function<void()> before;
    std::function<void()> after;
};

/// A descriptor, or a path relative to one, that a call is about.
struct Subject
{
    int descriptor = -1;
    const char *path = nullptr;

    /// Whether it lies below the directory that is to be counted.
    bool isMeant() const;
};

/// One counted call, from its beginning to its end.
class Passage
{
public:
    Passage(FaultShim::Call call, const Subject &subject, const Subject &other = {});

    /// The errno to report instead of making the call, or 0.
    int error() const;
    bool tears() const;

    /// \a result as the call had it, a negative errno being an error.
    long end(long result);

    /// Whether an arranged action runs in this thread: its calls are not counted.
    static bool isActing();

private:
    void find(FaultShim::Call call, int number);
    void begin();

    std::optional<Arrangement> m_found;
};

/// Counts \a call, and makes it unless it is to fail.
template <typename Make>
long pass(FaultShim::Call call, const Subject &subject, const Subject &other, Make make)
{
    Passage passage(call, subject, other);
    const int error = passage.error();
    return passage.end(error != 0 ? -error : make());
}

template <typename Make>
long pass(FaultShim::Call call, const Subject &subject, Make make)
{
    return pass(call, subject, Subject{}, make);
}
