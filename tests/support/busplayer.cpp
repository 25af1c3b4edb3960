// SPDX-License-Identifier: MIT
// A player without windows that can be asked to quit over its session bus only:
//
//   busplayer FILE LOG
//
// Holds FILE, says "ready", and writes "quit" to LOG before it quits because it was asked to.
#include <QCoreApplication>
#include <QDBusAbstractAdaptor>
#include <QDBusConnection>
#include <QFile>

#include <cstdio>

#include <fcntl.h>

class Player : public QDBusAbstractAdaptor
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.mpris.MediaPlayer2")
    Q_PROPERTY(bool CanQuit READ canQuit)

public:
    Player(QObject *parent, const QString &log)
        : QDBusAbstractAdaptor(parent)
        , m_log(log)
    {
    }

    bool canQuit() const { return true; }

public slots:
    void Quit()
    {
        QFile log(m_log);
        if (log.open(QIODevice::Append))
            log.write("quit\n");
        QCoreApplication::quit();
    }

private:
    QString m_log;
};

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (open(QFile::encodeName(arguments.value(1)).constData(), O_RDONLY) < 0)
        return 2;
    QObject object;
    new Player(&object, arguments.value(2));
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.registerObject(QStringLiteral("/org/mpris/MediaPlayer2"), &object)
        || !bus.registerService(QStringLiteral("org.mpris.MediaPlayer2.entracte_test")))
        return 3;
    std::puts("ready");
    std::fflush(stdout);
    return QCoreApplication::exec();
}

#include "busplayer.moc"
