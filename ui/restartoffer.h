// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "engine/installengine.h"
#include "restart/reopening.h"
#include "restart/systemrestart.h"

#include <QWidget>

#include <memory>
#include <optional>

class QCheckBox;
class QLabel;
class QPushButton;

namespace Entracte {

/// The part of the last page about starting more anew than applications (spec 7.5): why, who has
/// something against it, and the restart itself, if a person wants it. Later is always the default;
/// nothing here restarts anything without a press of its button, and until it happens it can be
/// cancelled. Where logging out is enough, it says so and offers no restart (LogOutOffer).
class RestartOffer : public QWidget
{
    Q_OBJECT

public:
    explicit RestartOffer(std::shared_ptr<Clock> clock, QWidget *parent = nullptr);
    ~RestartOffer() override;

    /// Shows what \a engine's outcome asks for; nothing at all when that is no more than
    /// applications. What the system says is kept up to date from now on.
    void present(InstallEngine &engine);

    /// True while there is a restart to decide about, or one to wait for.
    bool isOpen() const { return m_state != State::Closed; }
    bool isScheduled() const { return m_state == State::Scheduled; }

    /// Takes the scheduled restart back, and with it what was to be opened after it.
    void cancelRestart();

signals:
    /// isOpen() or isScheduled() is another.
    void changed();

private:
    enum class State { Closed, Offered, Asking, Scheduled };

    void enter(State state, const QString &news = {});
    void look();
    void looked(const Result<RestartOutlook> &outlook);
    void lookWhoReopens(Reopening &reopening);
    void showWhoReopens();
    void lookAgainLater();
    void restart();
    void arrangeReopening(const QDateTime &time);
    void schedule(const QDateTime &time);
    void scheduled(const Result<> &result);
    void calledOff(const QString &why);
    void countDown();
    void showOutlook();
    bool isPossible() const;

    std::shared_ptr<Clock> m_clock;
    SystemRestart *m_system = nullptr;
    Reopening *m_reopening = nullptr;
    std::optional<ReopeningOutlook> m_reopens; ///< once it is known
    QList<AffectedApplication> m_applications; ///< that may be opened after the restart
    QString m_why;                             ///< for everybody who is logged in
    RestartOutlook m_outlook;
    QString m_problem; ///< why the system cannot say whether it may be restarted
    State m_state = State::Closed;
    std::chrono::milliseconds m_deadline{0};

    QLabel *m_reasons;
    QLabel *m_obstacles;
    QCheckBox *m_reopen;
    QPushButton *m_restart;
    QLabel *m_news;
    QPushButton *m_cancel;
};

} // namespace Entracte
