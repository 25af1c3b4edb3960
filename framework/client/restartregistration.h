// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>

namespace Entracte::Client {

/// When not to start the application again (the Windows values of RegisterApplicationRestart).
enum class RestartFlag {
    NoCrash = 1,
    NoHang = 2,
    NoUpdate = 4, ///< not after an update; installers then say so before they close it
    NoReboot = 8,
};
Q_DECLARE_FLAGS(RestartFlags, RestartFlag)
Q_DECLARE_OPERATORS_FOR_FLAGS(RestartFlags)

/// The answer to "may you close?".
struct CloseAnswer
{
    bool mayClose = true;
    QString reason; ///< why not, one sentence that a person reads: "“notes.txt” is not saved."

    static CloseAnswer yes() { return {}; }
    static CloseAnswer no(const QString &reason) { return {false, reason}; }
};

/// Tells restart managers how to show this application, whether it may be closed, and how to start
/// it again after an update: RegisterApplicationRestart, WM_QUERYENDSESSION and WM_ENDSESSION of
/// Windows in one object, for windows, services and console programs alike. Needs no daemon; costs
/// one small file, and one socket if you want to be asked, in the user's runtime directory, for
/// that user's eyes only, gone when the object is.
///
///     Entracte::Client::RestartRegistration registration;
///     registration.setName(tr("Aurora"));
///     registration.setArguments({document});
///     registration.setCloseQuestion([&] { return editor.isSaved() ? CloseAnswer::yes()
///                                                      : CloseAnswer::no(tr("…")); });
///     QObject::connect(&registration, &RestartRegistration::closeRequested, &app, &App::quit);
///     registration.publish();
///
/// What happens: first everybody is asked. After a yes change nothing that you could not save at
/// once, because then comes either closeRequested(): save and quit by yourself, within ten seconds;
/// or closeCalledOff(): somebody else said no, go on. See client/README.md.
class RestartRegistration : public QObject
{
    Q_OBJECT

public:
    explicit RestartRegistration(QObject *parent = nullptr);
    ~RestartRegistration() override;

    void setName(const QString &name) { m_name = name; }
    /// A theme name or an absolute path.
    void setIcon(const QString &icon) { m_icon = icon; }
    /// What follows the program's own name, for instance the documents that are open. Without it
    /// the program is started again as it was started the first time, where rules permit.
    void setArguments(const QStringList &arguments);
    void setFlags(RestartFlags flags) { m_flags = flags; }

    /// \a question is called in this thread, from its event loop, and must answer at once: no
    /// dialog, no saving. Set it before publish(); without it nobody asks, and the window or a
    /// signal is asked to close as for any other program.
    void setCloseQuestion(std::function<CloseAnswer()> question);

    /// Writes the registration; again whenever something changed, the latest in the close question.
    /// False if the runtime directory is missing, not ours or not writable; the application is then
    /// treated like any other, and what was published before stays.
    bool publish();

    /// Takes it back: the application is treated like any other from now on.
    void withdraw();

signals:
    /// Save and quit now. Only after a yes, or when a person decided to close by force.
    void closeRequested();
    /// Nobody closes after all.
    void closeCalledOff();

private:
    class Door;

    QString m_name;
    QString m_icon;
    QStringList m_arguments;
    RestartFlags m_flags;
    bool m_hasArguments = false;
    std::function<CloseAnswer()> m_question;
    std::unique_ptr<Door> m_door;
    QString m_fileName;
};

} // namespace Entracte::Client
