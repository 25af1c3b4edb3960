// SPDX-License-Identifier: MIT
#pragma once

#include "platform/unix/descriptor.h"
#include "restart/systemrestart.h"

#include <QCoreApplication>
#include <QDBusConnection>

#include <optional>

class QDBusMessage;

namespace Entracte {

/// SystemRestart through systemd-logind (linux-mechanisms 6). logind itself would carry out what
/// root has scheduled in spite of blocks; so they are looked at before, and watched until then.
class Logind : public SystemRestart
{
    Q_OBJECT

public:
    Logind();
    ~Logind() override;

    void forbid(const QString &why) override;
    void allow() override;
    void look(QObject *context, std::function<void(Result<RestartOutlook>)> done) override;
    void schedule(const QDateTime &time, const QString &why, OtherUsers others, QObject *context,
                  std::function<void(Result<>)> done) override;
    void cancelScheduled(QObject *context, std::function<void(Result<>)> done) override;

private slots:
    void propertiesChanged(const QString &interface, const QVariantMap &changed,
                           const QStringList &invalidated);

private:
    using Answered = std::function<void(const QDBusMessage &)>;

    bool isAvailable();
    void call(const QDBusMessage &message, QObject *context, Answered answered);
    void arrange(const QDateTime &time, const QString &why, QObject *context,
                 std::function<void(Result<>)> done);
    void cancel(const QString &why, QObject *context, std::function<void(Result<>)> done);

    QString m_connectionName;
    std::optional<QDBusConnection> m_bus;
    Descriptor m_lock;    ///< logind's; closing it allows the shutdown
    int m_lockNumber = 0; ///< an answer to an earlier forbid() is not kept
    bool m_isForbidding = false;
    std::optional<qint64> m_scheduled; ///< by us: microseconds since 1970
};

} // namespace Entracte
