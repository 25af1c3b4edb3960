// SPDX-License-Identifier: MIT
#pragma once

#include "core/job.h"
#include "payload/payloadsurvey.h"
#include "restart/restartevent.h"

#include <QStringList>

#include <memory>

namespace Entracte {

class RestartSession;
class SessionStore;

/// What an installation does before there is a plan: puts right what earlier ones left undone in
/// its target, reads receipt and payloads, and brings back what installers closed that were killed
/// together with their guardians.
///
/// That somebody cannot be brought back, or that what waits (Transaction::defer) cannot be taken
/// up, is a note and no failure.
class FirstLook : public Job
{
    Q_OBJECT

public:
    /// \a store: where dead installers are looked for; null: those of nobody. \a survey is where
    /// the survey is from finished() on.
    FirstLook(const Manifest &manifest, const QString &targetDirectory, RestartSession &session,
              SessionStore *store, std::shared_ptr<PayloadSurvey> survey);
    ~FirstLook() override;

signals:
    void noted(const QString &sentence);
    void happened(const Entracte::RestartEvent &event);

protected:
    void doStart() override;
    void doCancel() override;

private:
    void run(std::unique_ptr<Job> job, void (FirstLook::*next)());
    void bringBackOthers();
    void end();

    Manifest m_manifest;
    QString m_targetDirectory;
    RestartSession &m_session;
    SessionStore *m_store;
    std::shared_ptr<PayloadSurvey> m_survey;
    QStringList m_notes; ///< the worker's, until it has ended
    bool m_isCancelled = false;
    std::unique_ptr<Job> m_job; ///< last, so that it goes first
};

} // namespace Entracte
