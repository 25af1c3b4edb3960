// SPDX-License-Identifier: MIT
// quazipextract ARCHIVE TARGET : what an application gets from QuaZip without writing a loop.
#include <QCoreApplication>
#include <QTextStream>

#include <quazip/JlCompress.h>

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 3) {
        QTextStream(stderr) << "usage: quazipextract ARCHIVE TARGET\n";
        return 2;
    }
    if (JlCompress::extractDir(arguments[1], arguments[2]).isEmpty()) {
        QTextStream(stderr) << "JlCompress::extractDir extracted nothing\n";
        return 1;
    }
    return 0;
}
