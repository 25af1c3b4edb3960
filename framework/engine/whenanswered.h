// SPDX-License-Identifier: MIT
#pragma once

#include <QFutureWatcher>

#include <functional>
#include <optional>

namespace Entracte {

/// Calls \a handler with the answer, or with nothing if whoever was asked died; never if \a owner
/// is gone. (QFuture::then with a context asserts in Qt 6.4 when the context dies first.)
template <typename Answer>
void whenAnswered(const QFuture<Answer> &future, std::function<void(std::optional<Answer>)> handler,
                  QObject *owner)
{
    auto *watcher = new QFutureWatcher<Answer>(owner);
    QObject::connect(watcher, &QFutureWatcherBase::finished, owner,
                     [watcher, handler = std::move(handler)] {
                         watcher->deleteLater();
                         const bool isAnswered = watcher->future().resultCount() > 0;
                         handler(isAnswered ? std::optional(watcher->result()) : std::nullopt);
                     });
    watcher->setFuture(future);
}

} // namespace Entracte
