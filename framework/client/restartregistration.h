// SPDX-License-Identifier: MIT
#pragma once

#include <QString>
#include <QStringList>

namespace Entracte::Client {

/// Tells restart managers how to show this application and how to start it again after an update:
/// what RegisterApplicationRestart is on Windows. Needs no daemon; costs one small file in the
/// user's runtime directory, readable by that user alone and removed when the object dies.
///
///     Entracte::Client::RestartRegistration registration;
///     registration.setName(QStringLiteral("Aurora"));
///     registration.setArguments({document});
///     registration.publish();
///
/// Call publish() again whenever the arguments change. Without arguments the program is started
/// again as it was started the first time.
class RestartRegistration
{
public:
    RestartRegistration() = default;
    ~RestartRegistration();
    Q_DISABLE_COPY_MOVE(RestartRegistration)

    void setName(const QString &name) { m_name = name; }
    /// A theme name or an absolute path.
    void setIcon(const QString &icon) { m_icon = icon; }
    /// What follows the program's own name, for instance the documents that are open.
    void setArguments(const QStringList &arguments);

    /// Writes the registration. False if the runtime directory is missing, not ours or not
    /// writable; the application is then treated like any other.
    bool publish();

private:
    QString m_name;
    QString m_icon;
    QStringList m_arguments;
    bool m_hasArguments = false;
    QString m_fileName;
};

} // namespace Entracte::Client
