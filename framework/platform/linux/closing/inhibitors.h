// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"

#include <QMap>
#include <QObject>

namespace Entracte {

/// Who has told logind that the system must not be shut down now, and why: a disc is being
/// written, a call is under way. Whoever says that does not want to be closed either (spec 84).
class Inhibitors : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    ~Inhibitors() override;

    /// Asks logind → known(), at the latest after \a limit; at once, and empty, where there is no
    /// logind.
    void ask(Clock &clock, std::chrono::milliseconds limit);

    bool isAsking() const { return m_isAsking; }
    /// Its reason in its own words, one line of plain text; null if \a pid does not object.
    QString reasonOf(qint64 pid) const { return m_reasons.value(pid); }

signals:
    void known();

private:
    void settle();

    QString m_connection;
    QMap<qint64, QString> m_reasons;
    bool m_isAsking = false;
};

} // namespace Entracte
