// SPDX-License-Identifier: MIT
#include "restart/logout.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusVirtualObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// A session manager that writes down what it is asked, and logs nobody out.
class StandIn : public QDBusVirtualObject
{
    Q_OBJECT

public:
    QString introspect(const QString &) const override { return {}; }
    bool handleMessage(const QDBusMessage &message, const QDBusConnection &connection) override
    {
        QStringList words{message.path(), message.interface(), message.member()};
        for (const QVariant &argument : message.arguments())
            words.append(QString::fromLatin1(argument.typeName()) + u' ' + argument.toString());
        asked.append(words.join(u", "_s));
        waiting = message;
        if (manner != Manner::Thinks)
            connection.send(manner == Manner::Agrees ? message.createReply()
                                                     : message.createErrorReply(
                                                         QDBusError::Failed, u"It is\nlocked."_s));
        return true;
    }

    enum class Manner { Agrees, Refuses, Thinks };
    Manner manner = Manner::Agrees;
    QStringList asked;
    QDBusMessage waiting;
};

/// Logging out, on a bus of its own where stand-ins have the names of session managers.
class tst_LogOut : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void everyDesktopIsAskedInItsOwnWords_data();
    void everyDesktopIsAskedInItsOwnWords();
    void whereNobodyAsksFirstNothingIsOffered_data();
    void whereNobodyAsksFirstNothingIsOffered();
    void aRefusalIsToldInItsWords();
    void thePersonMayThinkForAsLongAsTheyLike();

private:
    static QDBusConnection bus() { return QDBusConnection(u"stand-in"_s); }
    bool isPossible();
    /// Starts asking; what comes of it is in m_outcome.
    void request();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QProcess> m_daemon;
    std::unique_ptr<StandIn> m_standIn;
    std::unique_ptr<LogOut> m_logOut;
    std::optional<Result<>> m_outcome;
};

void tst_LogOut::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_daemon = std::make_unique<QProcess>();
    m_daemon->start(u"dbus-daemon"_s, {u"--session"_s, u"--nofork"_s, u"--print-address"_s,
                                       u"--address=unix:path="_s + m_folder->filePath(u"bus"_s)});
    QVERIFY(m_daemon->waitForReadyRead());
    const QByteArray address = m_daemon->readLine().trimmed();
    qputenv("DBUS_SESSION_BUS_ADDRESS", address);
    QVERIFY(QDBusConnection::connectToBus(QString::fromUtf8(address), u"stand-in"_s).isConnected());
    m_standIn = std::make_unique<StandIn>();
    QVERIFY(bus().registerVirtualObject(u"/"_s, m_standIn.get(), QDBusConnection::SubPath));
    m_logOut = createLogOut();
    m_outcome.reset();
}

void tst_LogOut::cleanup()
{
    m_logOut.reset();
    bus().unregisterObject(u"/"_s, QDBusConnection::UnregisterTree);
    QDBusConnection::disconnectFromBus(u"stand-in"_s);
    m_daemon->kill();
    m_daemon->waitForFinished();
}

bool tst_LogOut::isPossible()
{
    std::optional<bool> known;
    m_logOut->look(this, [&](bool isPossible) { known = isPossible; });
    [&] { QTRY_VERIFY(known); }();
    return known.value_or(false);
}

void tst_LogOut::request()
{
    m_outcome.reset();
    m_logOut->request(this, [this](const Result<> &outcome) { m_outcome = outcome; });
}

void tst_LogOut::everyDesktopIsAskedInItsOwnWords_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("asked");

    QTest::newRow("GNOME")
        << QStringList{u"org.gnome.SessionManager"_s}
        << u"/org/gnome/SessionManager, org.gnome.SessionManager, Logout, uint 0"_s;
    QTest::newRow("Xfce") << QStringList{u"org.xfce.SessionManager"_s}
                          << u"/org/xfce/SessionManager, org.xfce.Session.Manager, Logout, "
                             "bool true, bool true"_s;
    QTest::newRow("Plasma") << QStringList{u"org.kde.ksmserver"_s, u"org.kde.LogoutPrompt"_s}
                            << u"/LogoutPrompt, org.kde.LogoutPrompt, promptLogout"_s;
    QTest::newRow("an older Plasma") << QStringList{u"org.kde.ksmserver"_s}
                                     << u"/KSMServer, org.kde.KSMServerInterface, logout, "
                                        "int 1, int 0, int -1"_s;
}

void tst_LogOut::everyDesktopIsAskedInItsOwnWords()
{
    QFETCH(const QStringList, names);
    QFETCH(const QString, asked);
    for (const QString &name : names)
        QVERIFY(bus().registerService(name));

    QVERIFY(isPossible());
    QCOMPARE(m_standIn->asked, QStringList()); // to look is not to ask
    request();

    QTRY_VERIFY(m_outcome);
    QVERIFY2(*m_outcome, *m_outcome ? "" : qPrintable(m_outcome->error().message));
    QCOMPARE(m_standIn->asked, QStringList{asked});
}

void tst_LogOut::whereNobodyAsksFirstNothingIsOffered_data()
{
    QTest::addColumn<QString>("name");

    QTest::newRow("no session manager") << QString();
    QTest::newRow("LXQt ends it at once") << u"org.lxqt.session"_s;
    QTest::newRow("Plasma's question without Plasma") << u"org.kde.LogoutPrompt"_s;
    QTest::newRow("no bus") << u"-"_s;
}

void tst_LogOut::whereNobodyAsksFirstNothingIsOffered()
{
    QFETCH(const QString, name);
    if (name == u"-"_s)
        qputenv("DBUS_SESSION_BUS_ADDRESS",
                "unix:path=" + QFile::encodeName(m_folder->filePath(u"nobody"_s)));
    else if (!name.isEmpty())
        QVERIFY(bus().registerService(name));

    QVERIFY(!isPossible());
    request();

    QTRY_VERIFY(m_outcome);
    QVERIFY(!*m_outcome);
    QCOMPARE(m_standIn->asked, QStringList());
}

void tst_LogOut::aRefusalIsToldInItsWords()
{
    QVERIFY(bus().registerService(u"org.gnome.SessionManager"_s));
    m_standIn->manner = StandIn::Manner::Refuses;

    request();

    QTRY_VERIFY(m_outcome);
    QVERIFY(!*m_outcome);
    QVERIFY2(m_outcome->error().message.contains(u"It is locked."_s),
             qPrintable(m_outcome->error().message));
}

void tst_LogOut::thePersonMayThinkForAsLongAsTheyLike()
{
    QVERIFY(bus().registerService(u"org.xfce.SessionManager"_s));
    m_standIn->manner = StandIn::Manner::Thinks;

    request();

    QTRY_COMPARE(m_standIn->asked.size(), 1);
    QVERIFY(isPossible()); // the bus has spoken since
    QVERIFY(!m_outcome);
    bus().send(m_standIn->waiting.createReply());
    QTRY_VERIFY(m_outcome);
    QVERIFY(*m_outcome);
    QCOMPARE(m_standIn->asked.size(), 1);
}

QTEST_GUILESS_MAIN(tst_LogOut)
#include "tst_logout.moc"
