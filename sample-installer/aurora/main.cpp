// SPDX-License-Identifier: MIT
#include "editorwindow.h"

#include "client/restartregistration.h"

#include <QApplication>

using namespace Qt::StringLiterals;

namespace {

QStringList openDocuments()
{
    QStringList documents;
    for (const QWidget *widget : QApplication::topLevelWidgets()) {
        const auto *window = qobject_cast<const EditorWindow *>(widget);
        if (window && !window->document().isEmpty())
            documents << window->document();
    }
    return documents;
}

} // namespace

int main(int argc, char *argv[])
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(u"Aurora"_s);
    QApplication::setApplicationVersion(QStringLiteral(AURORA_VERSION));
    QApplication::setDesktopFileName(u"org.example.aurora"_s);
    const QString icon = QApplication::applicationDirPath() + u"/share/aurora/aurora.svg"_s;
    QApplication::setWindowIcon(QIcon(icon));

    // This is all it takes to be shown with a name and a face, and to come back with the same
    // documents after an update.
    Entracte::Client::RestartRegistration registration;
    registration.setName(u"Aurora"_s);
    registration.setIcon(icon);

    QStringList documents = QApplication::arguments().mid(1);
    if (documents.isEmpty())
        documents << QString();
    for (const QString &document : std::as_const(documents)) {
        auto *window = new EditorWindow;
        window->setAttribute(Qt::WA_DeleteOnClose);
        QObject::connect(window, &EditorWindow::documentChanged, &application, [&registration] {
            registration.setArguments(openDocuments());
            registration.publish();
        });
        window->openDocument(document);
        window->show();
    }
    return QApplication::exec();
}
