// SPDX-License-Identifier: MIT
#pragma once

#include <QDBusConnection>
#include <QDBusPendingCall>
#include <QString>
#include <QVariantList>

#include <memory>

namespace Entracte {

/// A connection of our own to a bus, for a worker that asks some questions and goes. Nothing here
/// starts a program, and no answer is waited for longer than a second: a bus that is stopped costs
/// half a second, not the listing.
class BusConnection
{
public:
    /// Null where there is no such bus, it does not answer, or it does not want us (root at a
    /// user's bus).
    static std::unique_ptr<BusConnection> toSession();
    static std::unique_ptr<BusConnection> toSystem();

    BusConnection(const BusConnection &) = delete;
    BusConnection &operator=(const BusConnection &) = delete;
    ~BusConnection();

    /// Sends a question; the caller collects the answer with QDBusPendingReply, so that many can be
    /// on their way at once.
    QDBusPendingCall ask(const QString &service, const QString &path, const QString &interface,
                         const QString &method, const QVariantList &arguments = {}) const;

private:
    explicit BusConnection(const QString &address);
    static std::unique_ptr<BusConnection> to(const QString &address);

    QString m_name;
    QDBusConnection m_connection;
};

} // namespace Entracte
