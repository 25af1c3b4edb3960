// SPDX-License-Identifier: MIT
#include "transaction/transactionstate.h"

namespace Entracte {

Transaction::Private::Lines::~Lines()
{
    const std::lock_guard guard(m_transaction.mutex);
    m_transaction.journal->addLines(m_lines);
}

Result<> Transaction::Private::Lines::record(const QString &path, const InstalledFile &file)
{
    constexpr qsizetype mostGathered = 64 * 1024; // before it is written
    Journal::appendLine(m_lines, path, file);
    if (m_lines.size() < mostGathered)
        return {};
    const std::lock_guard guard(m_transaction.mutex);
    m_transaction.journal->addLines(m_lines);
    m_lines.resize(0); // keeps its room
    return m_transaction.journal->write();
}

} // namespace Entracte
