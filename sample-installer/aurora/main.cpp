// SPDX-License-Identifier: MIT
#include "editorwindow.h"

#include <QApplication>

#ifdef AURORA_REGISTERS_FOR_RESTART
#include "client/restartregistration.h"
#endif

using namespace Qt::StringLiterals;

int main(int argc, char *argv[])
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(u"Aurora"_s);
    QApplication::setApplicationVersion(QStringLiteral(AURORA_VERSION));
    QApplication::setDesktopFileName(u"org.example.aurora"_s);
    const QString icon = QApplication::applicationDirPath() + u"/share/aurora/aurora.svg"_s;
    QApplication::setWindowIcon(QIcon(icon));

#ifdef AURORA_REGISTERS_FOR_RESTART
    // This is all it takes to be closed and reopened with a name and a face of our own.
    Entracte::Client::RestartRegistration registration;
    registration.setName(u"Aurora"_s);
    registration.setIcon(icon);
    registration.publish();
#endif

    QStringList documents = QApplication::arguments().mid(1);
    if (documents.isEmpty())
        documents << QString();
    for (const QString &document : std::as_const(documents)) {
        auto *window = new EditorWindow;
        window->setAttribute(Qt::WA_DeleteOnClose);
        if (!document.isEmpty())
            window->openDocument(document);
        window->show();
    }
    return QApplication::exec();
}
