// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/process.h"
#include "restart/affectedapplication.h"

/// The row of a list for process \a pid alone, as an application with a window.
inline Entracte::AffectedApplication windowApplication(qint64 pid, const QString &name)
{
    Entracte::AffectedApplication application;
    application.process = Entracte::uniqueProcess(pid);
    application.processes = {application.process};
    application.name = name;
    application.type = Entracte::ApplicationType::MainWindow;
    return application;
}
