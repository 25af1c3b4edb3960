// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QObject>

#include <memory>

namespace Entracte {

/// Tells when processes end that are nobody's children: at once, without looking again and again.
/// Implemented in platform/.
class ProcessWatch : public QObject
{
    Q_OBJECT

public:
    /// Begins to watch \a processes; those that have ended already are reported too.
    explicit ProcessWatch(const QList<UniqueProcess> &processes, QObject *parent = nullptr);
    ~ProcessWatch() override;

    /// Those that still run.
    QList<UniqueProcess> running() const;

signals:
    /// One or more have ended; never before the constructor has returned.
    void someEnded();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
