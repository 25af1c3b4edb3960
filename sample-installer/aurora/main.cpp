// SPDX-License-Identifier: MIT
#include "editorwindow.h"

#include "client/restartregistration.h"

#include <QApplication>
#include <QFileInfo>

using namespace Qt::StringLiterals;

using Entracte::Client::CloseAnswer;
using Entracte::Client::RestartRegistration;

namespace {

QList<EditorWindow *> editors()
{
    QList<EditorWindow *> windows;
    for (QWidget *widget : QApplication::topLevelWidgets())
        if (auto *window = qobject_cast<EditorWindow *>(widget))
            windows.append(window);
    return windows;
}

/// What to say to the next Aurora: each document, and where its cursor is.
QStringList restartArguments()
{
    QStringList arguments;
    for (const EditorWindow *window : editors())
        if (!window->document().isEmpty())
            arguments << window->document() << u"--cursor"_s
                      << QString::number(window->cursorPosition());
    return arguments;
}

/// The answer to "may you close?": at once, and with the name of what would be lost.
CloseAnswer answerCloseQuestion(RestartRegistration &registration)
{
    for (const EditorWindow *window : editors()) {
        if (!window->isWindowModified())
            continue;
        return CloseAnswer::no(window->document().isEmpty()
                                   ? EditorWindow::tr("A new text is not saved.")
                                   : EditorWindow::tr("“%1” is not saved.")
                                         .arg(QFileInfo(window->document()).fileName()));
    }
    // From now on nothing may change that was not said here.
    for (EditorWindow *window : editors())
        window->setEnabled(false);
    registration.setArguments(restartArguments());
    registration.publish();
    return CloseAnswer::yes();
}

void goOn()
{
    for (EditorWindow *window : editors())
        window->setEnabled(true);
}

/// Opens what the command line names: FILE [--cursor POSITION] …
void openWindows(const QStringList &arguments, RestartRegistration &registration)
{
    EditorWindow *window = nullptr;
    const auto open = [&](const QString &document) {
        window = new EditorWindow;
        window->setAttribute(Qt::WA_DeleteOnClose);
        QObject::connect(window, &EditorWindow::documentChanged, &registration, [&registration] {
            registration.setArguments(restartArguments());
            registration.publish();
        });
        window->openDocument(document);
        window->show();
    };
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == u"--cursor"_s && window)
            window->setCursorPosition(arguments.value(++i).toInt());
        else
            open(arguments[i]);
    }
    if (!window)
        open(QString());
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

    // This is all it takes to be shown with a name and a face, to be asked before anything is
    // closed, and to come back with the same documents after an update.
    RestartRegistration registration;
    registration.setName(u"Aurora"_s);
    registration.setIcon(icon);
    registration.setCloseQuestion([&registration] { return answerCloseQuestion(registration); });
    QObject::connect(&registration, &RestartRegistration::closeCalledOff, &application, goOn);
    QObject::connect(&registration, &RestartRegistration::closeRequested, &application, [] {
        goOn(); // a disabled window could not ask whether to save
        QApplication::closeAllWindows();
    });

    openWindows(QApplication::arguments().mid(1), registration);
    return QApplication::exec();
}
