// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

/// Loads the catalogues of Entracte and of Qt for \a language (a BCP 47 tag; empty: the
/// environment's) into the running QCoreApplication, and makes that language the default locale.
/// English is loaded too: it holds the plural forms. Returns the language that is in effect, for
/// LocalizedText::in(). Layout direction follows the locale; set by ui, which knows widgets.
QString installTranslators(const QString &language);

} // namespace Entracte
