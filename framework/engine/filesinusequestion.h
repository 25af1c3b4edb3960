// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "engine/uidelegate.h"

#include <memory>
#include <optional>

namespace Entracte {

class RestartSession;

/// Puts the files-in-use question to a person, and keeps the list true while it is on the screen:
/// people close programs by hand, which is seen at once, and open others or other documents, which
/// is seen within fifteen seconds. Ends when there is an answer; a look that is under way ends
/// first, so that the session is free.
class FilesInUseQuestion : public Job
{
    Q_OBJECT

public:
    /// \a answer is where the answer is from finished() on.
    FilesInUseQuestion(UiDelegate &ui, const AffectedApplicationModel &model,
                       RestartSession &session, std::shared_ptr<Clock> clock,
                       std::shared_ptr<FilesInUseAnswer> answer);
    ~FilesInUseQuestion() override;

protected:
    void doStart() override;
    void doCancel() override;

private:
    void lookLater();
    void look();
    void endWith(const Result<> &result);

    UiDelegate &m_ui;
    const AffectedApplicationModel &m_model;
    RestartSession &m_session;
    std::shared_ptr<Clock> m_clock;
    std::shared_ptr<FilesInUseAnswer> m_answer;
    std::unique_ptr<Job> m_look;
    int m_looks = 0;
    std::optional<Result<>> m_end; ///< decided while the list was being made
};

} // namespace Entracte
