// SPDX-License-Identifier: MIT
#pragma once

#include "engine/uidelegate.h"

#include <QPromise>

/// Answers from a list and records the questions.
class ScriptedUiDelegate : public Entracte::UiDelegate
{
public:
    Entracte::ReviewDecision reviewDecision = Entracte::ReviewDecision::Install;
    QList<Entracte::FilesInUseAnswer> answers; ///< used up from the front; none left: never answers
    QList<Entracte::InstallReview> reviews;
    int filesInUseQuestions = 0;
    bool dieWithoutAnswer = false;

    QFuture<Entracte::ReviewDecision> review(const Entracte::InstallReview &review) override
    {
        reviews.append(review);
        return QtFuture::makeReadyFuture(reviewDecision);
    }

    QFuture<Entracte::FilesInUseAnswer>
    askFilesInUse(const Entracte::AffectedApplicationModel &) override
    {
        ++filesInUseQuestions;
        if (dieWithoutAnswer) {
            QPromise<Entracte::FilesInUseAnswer> promise;
            promise.start();
            return promise.future(); // cancelled when the promise dies here
        }
        if (answers.isEmpty()) {
            m_pending = QPromise<Entracte::FilesInUseAnswer>();
            m_pending.start();
            return m_pending.future();
        }
        return QtFuture::makeReadyFuture(answers.takeFirst());
    }

private:
    QPromise<Entracte::FilesInUseAnswer> m_pending;
};
