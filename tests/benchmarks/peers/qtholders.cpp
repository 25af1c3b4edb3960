// SPDX-License-Identifier: MIT
// qtholders FILES-FROM
//
// Looks for those who use the files, the way one writes it first: QDir over /proc, QFileInfo for
// every descriptor, QFile for the mappings, compared by path. Prints "PID PATH" for each hit.
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSet>
#include <QTextStream>

using namespace Qt::StringLiterals;

int main(int argc, char *argv[])
{
    QFile list(argc == 2 ? QFile::decodeName(argv[1]) : QString());
    if (!list.open(QIODevice::ReadOnly)) {
        QTextStream(stderr) << "usage: qtholders FILES-FROM\n";
        return 2;
    }
    QSet<QString> wanted;
    QTextStream lines(&list);
    for (QString line; lines.readLineInto(&line);)
        wanted.insert(line);

    QTextStream out(stdout);
    const QStringList names = QDir(u"/proc"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &pid : names) {
        if (!pid.at(0).isDigit())
            continue;
        QSet<QString> held;
        const QDir descriptors(u"/proc/"_s + pid + u"/fd"_s);
        for (const QFileInfo &info :
             descriptors.entryInfoList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System))
            if (const QString target = info.symLinkTarget(); wanted.contains(target))
                held.insert(target);
        QFile maps(u"/proc/"_s + pid + u"/maps"_s);
        if (maps.open(QIODevice::ReadOnly)) {
            for (const QString &line : QString::fromLocal8Bit(maps.readAll()).split(u'\n'))
                if (const QString name = line.section(u' ', 5, -1, QString::SectionSkipEmpty);
                    wanted.contains(name))
                    held.insert(name);
        }
        for (const QString &path : held)
            out << pid << ' ' << path << '\n';
    }
    return 0;
}
