// SPDX-License-Identifier: MIT
#include "ui/logoutoffer.h"

#include "restart/logout.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace Entracte {

LogOutOffer::LogOutOffer(QWidget *parent)
    : QWidget(parent)
    , m_button(new QPushButton(tr("&Log Out", "finished page, button"), this))
    , m_news(new QLabel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_button, 0, Qt::AlignLeading);
    layout->addWidget(m_news);
    m_button->setAutoDefault(false); // Return means later
    m_button->setAccessibleName(m_button->text().remove(u'&'));
    m_news->setObjectName(u"logOutNews"_s);
    m_news->setWordWrap(true);
    m_news->setTextFormat(Qt::PlainText);
    m_news->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_news->hide();
    connect(m_button, &QPushButton::clicked, this, &LogOutOffer::logOut);
    hide();
}

void LogOutOffer::present(LogOut &logOut)
{
    m_logOut = &logOut;
    logOut.look(this, [this](bool isPossible) {
        if (isPossible)
            open();
    });
}

void LogOutOffer::open()
{
    m_isOpen = true;
    show();
    emit changed();
}

void LogOutOffer::logOut()
{
    m_button->setEnabled(false);
    say(tr("The desktop was asked to log you out. Before it does, it lets you save what is open, "
           "and you may still say no.",
           "finished page"));
    m_logOut->request(this, [this](const Result<> &result) {
        m_button->setEnabled(true); // for who has said no there, and thinks again
        if (!result)
            say(result.error().message);
    });
}

void LogOutOffer::say(const QString &news)
{
    m_news->setText(news);
    m_news->show();
}

} // namespace Entracte

#include "moc_logoutoffer.cpp"
