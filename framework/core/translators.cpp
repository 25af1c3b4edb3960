// SPDX-License-Identifier: MIT
#include "core/translators.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

// The catalogues live in a static library, whose resources nobody registers by themselves.
static void registerCatalogues()
{
    Q_INIT_RESOURCE(entracte_translations);
}

using namespace Qt::StringLiterals;

namespace Entracte {

static void load(const QLocale &locale, const QString &catalogue, const QString &directory)
{
    auto translator = std::make_unique<QTranslator>(qApp);
    if (translator->load(locale, catalogue, u"_"_s, directory))
        QCoreApplication::installTranslator(translator.release());
}

QString installTranslators(const QString &language)
{
    registerCatalogues();
    const QLocale locale = language.isEmpty() ? QLocale::system() : QLocale(language);
    QLocale::setDefault(locale);

    // The last one installed is asked first: English plurals are the fallback of every language.
    load(QLocale(QLocale::English), u"entracte"_s, u":/i18n"_s);
    load(locale, u"qtbase"_s, QLibraryInfo::path(QLibraryInfo::TranslationsPath));
    load(locale, u"entracte"_s, u":/i18n"_s);
    return locale.name();
}

} // namespace Entracte
