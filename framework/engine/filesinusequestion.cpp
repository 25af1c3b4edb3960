// SPDX-License-Identifier: MIT
#include "engine/filesinusequestion.h"

#include "engine/installoutcome.h"
#include "engine/whenanswered.h"
#include "restart/restartsession.h"

using namespace std::chrono_literals;

namespace Entracte {

static constexpr auto lookInterval = 1500ms;
/// Every so many looks, those who came since are looked for as well.
static constexpr int wholeLook = 10;

FilesInUseQuestion::FilesInUseQuestion(UiDelegate &ui, const AffectedApplicationModel &model,
                                       RestartSession &session, std::shared_ptr<Clock> clock,
                                       std::shared_ptr<FilesInUseAnswer> answer)
    : m_ui(ui)
    , m_model(model)
    , m_session(session)
    , m_clock(std::move(clock))
    , m_answer(std::move(answer))
{
}

FilesInUseQuestion::~FilesInUseQuestion() = default;

void FilesInUseQuestion::doStart()
{
    lookLater();
    whenAnswered<FilesInUseAnswer>(
        m_ui.askFilesInUse(m_model),
        [this](const std::optional<FilesInUseAnswer> &answer) {
            *m_answer = answer.value_or(FilesInUseAnswer());
            endWith({});
        },
        this);
}

void FilesInUseQuestion::doCancel()
{
    if (m_look)
        m_look->cancel();
    endWith(Conclusion::cancelled());
}

void FilesInUseQuestion::lookLater()
{
    m_clock->callAfter(lookInterval, this, [this] {
        if (isRunning())
            look();
    });
}

void FilesInUseQuestion::look()
{
    m_look = ++m_looks % wholeLook == 0 ? m_session.list() : m_session.refresh();
    connect(m_look.get(), &Job::finished, this, [this](const Result<> &result) {
        m_look.release()->deleteLater();
        if (!result || m_end)
            return finish(result ? *m_end : result);
        lookLater();
    });
    m_look->start();
}

void FilesInUseQuestion::endWith(const Result<> &result)
{
    if (!isRunning())
        return;
    if (m_look)
        m_end = m_end.value_or(result);
    else
        finish(result);
}

} // namespace Entracte

#include "moc_filesinusequestion.cpp"
