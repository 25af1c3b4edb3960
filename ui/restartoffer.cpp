// SPDX-License-Identifier: MIT
#include "ui/restartoffer.h"

#include <QCheckBox>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace Entracte {

/// Time for everybody to save, once the restart is announced. Where the system asks for a password
/// first, the time to type it comes on top: a time that has passed would mean at once.
static constexpr auto grace = 1min;
static constexpr auto graceWithPassword = 5min;

static constexpr auto lookInterval = 3s;

static QString reasonFor(const AffectedApplication &application)
{
    return u"• "_s + usesOldVersion(application)
         + (application.reason.isEmpty() ? QString() : u' ' + application.reason);
}

static QStringList reasonsOf(const InstallOutcome &outcome)
{
    QStringList reasons;
    for (const AffectedApplication &application : outcome.keptOldVersion)
        if (application.requiredLevel >= RestartLevel::Session)
            reasons.append(reasonFor(application));
    if (reasons.isEmpty())
        reasons.append(RestartOffer::tr("• Files that nearly every program uses were replaced.",
                                        "finished page: why to restart or log out"));
    return reasons;
}

RestartOffer::RestartOffer(std::shared_ptr<Clock> clock, QWidget *parent)
    : QWidget(parent)
    , m_clock(std::move(clock))
    , m_reasons(new QLabel(this))
    , m_obstacles(new QLabel(this))
    , m_reopen(new QCheckBox(this))
    , m_restart(new QPushButton(tr("&Restart the Computer", "finished page, button"), this))
    , m_news(new QLabel(this))
    , m_cancel(new QPushButton(tr("&Cancel the Restart", "finished page, button"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    for (QLabel *label : {m_reasons, m_obstacles, m_news}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    m_reasons->setObjectName(u"reasons"_s);
    m_obstacles->setObjectName(u"obstacles"_s);
    m_news->setObjectName(u"news"_s);
    layout->addWidget(m_reasons);
    layout->addWidget(m_obstacles);
    layout->addWidget(m_reopen);
    m_reopen->setChecked(true);
    m_reopen->setAccessibleName(tr("Open applications again after the restart",
                                   "finished page, check box, until it is shown"));
    for (QPushButton *button : {m_restart, m_cancel}) {
        button->setAutoDefault(false); // Return means later
        layout->addWidget(button, 0, Qt::AlignLeading);
    }
    m_cancel->setAccessibleName(m_cancel->text().remove(u'&'));
    layout->insertWidget(layout->indexOf(m_cancel), m_news);
    connect(m_restart, &QPushButton::clicked, this, &RestartOffer::restart);
    connect(m_cancel, &QPushButton::clicked, this, &RestartOffer::cancelRestart);
    hide();
}

RestartOffer::~RestartOffer() = default;

void RestartOffer::present(InstallEngine &engine)
{
    const InstallOutcome &outcome = engine.outcome();
    setVisible(outcome.advisedLevel >= RestartLevel::Session);
    if (isHidden())
        return;
    m_reasons->setText(reasonsOf(outcome).join(u'\n'));
    m_reasons->setAccessibleName(m_reasons->text());
    m_system = outcome.advisedLevel == RestartLevel::Session ? nullptr : engine.systemRestart();
    if (!m_system) {
        for (QWidget *part : {static_cast<QWidget *>(m_obstacles), static_cast<QWidget *>(m_reopen),
                              static_cast<QWidget *>(m_restart), static_cast<QWidget *>(m_news),
                              static_cast<QWidget *>(m_cancel)})
            part->hide();
        return;
    }

    m_applications = outcome.keptOldVersion + outcome.reopened;
    m_why = tr("%1 was installed.", "why the computer is restarted, for all who are logged in")
                .arg(engine.manifest().product.name);
    m_reopening = engine.reopening();
    m_reopening ? lookWhoReopens(*m_reopening) : showWhoReopens();
    connect(m_system, &SystemRestart::calledOff, this, &RestartOffer::calledOff);
    enter(State::Offered);
    look();
}

void RestartOffer::lookWhoReopens(Reopening &reopening)
{
    m_reopen->setEnabled(false);
    reopening.look(m_applications, this, [this](const ReopeningOutlook &outlook) {
        m_reopens = outlook;
        showWhoReopens();
        showOutlook();
    });
}

void RestartOffer::showWhoReopens()
{
    const QStringList names = m_reopens ? m_reopens->names : QStringList();
    m_reopen->setText(tr("&Open %1 again after the restart", "finished page, check box")
                          .arg(QLocale().createSeparatedList(names).replace(u"&"_s, u"&&"_s)));
    m_reopen->setAccessibleName({}); // the text says it better
    m_reopen->setToolTip(m_reopen->text());
    m_reopen->setEnabled(!names.isEmpty());
    if (names.isEmpty())
        m_reopen->setChecked(false);
}

void RestartOffer::enter(State state, const QString &news)
{
    m_state = state;
    m_news->setText(news);
    m_news->setVisible(!news.isEmpty());
    m_cancel->setVisible(state == State::Scheduled);
    m_cancel->setEnabled(true);
    showOutlook();
    if (state == State::Scheduled)
        m_cancel->setFocus(); // Return is the safe answer here too
    emit changed();
}

bool RestartOffer::isPossible() const
{
    const bool isKnownWhoReopens = !m_reopening || m_reopens;
    return isKnownWhoReopens && m_problem.isEmpty()
        && m_outlook.permission != RestartOutlook::Permission::Denied && m_outlook.blocks.isEmpty()
        && !m_outlook.scheduled;
}

void RestartOffer::showOutlook()
{
    QStringList lines;
    if (!m_problem.isEmpty())
        lines.append(m_problem);
    else if (m_outlook.permission == RestartOutlook::Permission::Denied)
        lines.append(tr("You may not restart this computer.", "finished page"));
    for (const ShutdownBlock &block : m_outlook.blocks)
        lines.append(tr("“%1” keeps the computer from being restarted: %2",
                        "finished page; %1 is a program, %2 its own words")
                         .arg(block.who, block.why));
    if (m_outlook.scheduled && m_state != State::Scheduled)
        lines.append(tr("The computer will be restarted or shut down already at %1.",
                        "finished page; %1 is a time")
                         .arg(QLocale().toString(*m_outlook.scheduled, QLocale::ShortFormat)));
    if (!m_outlook.otherUsers.isEmpty())
        lines.append(tr("%1 is logged in too; a restart ends what is being done there.",
                        "finished page; %1 is one or more names", int(m_outlook.otherUsers.size()))
                         .arg(QLocale().createSeparatedList(m_outlook.otherUsers)));
    if (m_reopens)
        for (const ReopeningOutlook::Loss &loss : m_reopens->losses)
            lines.append(tr("%1 will not be opened again after the restart. %2",
                            "finished page; %1 is a program, %2 a sentence why")
                             .arg(loss.application, loss.reason));
    m_obstacles->setText(lines.join(u'\n'));
    m_obstacles->setVisible(!lines.isEmpty());

    const QString text = m_outlook.otherUsers.isEmpty()
                           ? tr("&Restart the Computer", "finished page, button")
                           : tr("&Restart for Everyone", "finished page, button");
    m_restart->setText(text);
    m_restart->setAccessibleName(QString(text).remove(u'&'));
    m_restart->setVisible(m_state != State::Scheduled);
    m_restart->setEnabled(m_state == State::Offered && isPossible());
    m_reopen->setVisible(m_reopen->isEnabled() && m_state != State::Scheduled);
}

void RestartOffer::look()
{
    m_system->look(this, [this](const Result<RestartOutlook> &outlook) { looked(outlook); });
}

void RestartOffer::looked(const Result<RestartOutlook> &outlook)
{
    m_problem = outlook ? QString() : outlook.error().message;
    m_outlook = outlook ? *outlook : RestartOutlook();
    showOutlook();
    lookAgainLater();
}

// A backup ends, somebody logs out: the button is there again by itself.
void RestartOffer::lookAgainLater()
{
    m_clock->callAfter(lookInterval, this, [this] { look(); });
}

void RestartOffer::restart()
{
    if (m_state != State::Offered || !isPossible())
        return;
    const bool asks = m_outlook.permission == RestartOutlook::Permission::AfterAuthorization;
    const std::chrono::milliseconds wait = asks ? graceWithPassword : grace;
    const QDateTime time = QDateTime::currentDateTime().addMSecs(wait.count());
    m_deadline = m_clock->now() + wait;
    enter(State::Asking);
    m_reopen->isChecked() ? arrangeReopening(time) : schedule(time);
}

void RestartOffer::arrangeReopening(const QDateTime &time)
{
    m_reopening->arrange(time, m_applications, this, [this, time](const ReopeningOutlook &outlook) {
        m_reopens = outlook;
        schedule(time);
    });
}

void RestartOffer::schedule(const QDateTime &time)
{
    // Whoever else is logged in stands on the page and in the button's words.
    const auto others = m_outlook.otherUsers.isEmpty() ? SystemRestart::OtherUsers::Respect
                                                       : SystemRestart::OtherUsers::AreAware;
    m_system->schedule(time, m_why, others, this,
                       [this](const Result<> &result) { scheduled(result); });
}

void RestartOffer::scheduled(const Result<> &result)
{
    if (!result)
        return calledOff(result.error().message);
    enter(State::Scheduled);
    countDown();
}

void RestartOffer::countDown()
{
    if (m_state != State::Scheduled)
        return;
    const auto left = std::chrono::ceil<std::chrono::seconds>(m_deadline - m_clock->now()).count();
    m_news->setVisible(true);
    m_cancel->setEnabled(left > 0);
    if (left <= 0)
        return m_news->setText(tr("The computer is being restarted.", "finished page"));
    m_news->setText(
        tr("The computer restarts in %n second(s). Save your work.", "finished page", int(left)));
    m_clock->callAfter(1s, this, [this] { countDown(); });
}

void RestartOffer::cancelRestart()
{
    if (m_state != State::Scheduled)
        return;
    m_cancel->setEnabled(false);
    m_system->cancelScheduled(this, [this](const Result<> &result) {
        if (!result) {
            m_problem = result.error().message;
            m_cancel->setEnabled(true);
            return showOutlook();
        }
        calledOff(tr("The restart was cancelled.", "finished page"));
    });
}

void RestartOffer::calledOff(const QString &why)
{
    m_outlook.scheduled.reset(); // it was ours
    if (!m_reopening)
        return enter(State::Offered, why);
    enter(State::Asking, why);
    m_reopening->forget(this, [this, why](const Result<> &forgotten) {
        enter(State::Offered, forgotten ? why : why + u'\n' + forgotten.error().message);
    });
}

} // namespace Entracte

#include "moc_restartoffer.cpp"
