// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/closing/sessionbus.h"
#include "restart/logout.h"

#include <QCoreApplication>
#include <QDBusMessage>
#include <QObject>

namespace Entracte {

/// LogOut through the session manager on the session's bus: GNOME's, which MATE, Cinnamon and
/// others have too, Xfce's, and Plasma's. Each is asked in the way that shows its own question.
/// Those that end a session without asking anybody (LXQt's; logind's TerminateSession) are not
/// used.
///
/// Root has no session, and speaks on nobody's bus.
class SessionManager : public LogOut
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::SessionManager)

public:
    void look(QObject *context, std::function<void(bool isPossible)> done) override;
    void request(QObject *context, std::function<void(const Result<> &)> done) override;

private:
    /// How one of them is asked.
    struct Way
    {
        QString owned; ///< the name on the bus by which it is known to run
        QDBusMessage call;
    };
    using Ways = QList<Way>;

    static Ways allWays();
    void findWays(QObject *context, std::function<void(const Ways &)> found);
    void tryFirst(const Ways &ways, QObject *context, std::function<void(const Result<> &)> done);
    void call(const QDBusMessage &message, QObject *context,
              std::function<void(const QDBusMessage &)> answered);

    SessionBus m_bus;
};

} // namespace Entracte
