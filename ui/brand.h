// SPDX-License-Identifier: MIT
#pragma once

#include "manifest/manifest.h"

#include <QColor>
#include <QIcon>
#include <QPalette>
#include <QPixmap>

namespace Entracte {

/// The author's logo and accent colour, as the wizard draws them: sharp at every scale, readable on
/// light and dark desktops.
class Brand
{
public:
    Brand(const Branding &branding, const QPalette &palette);

    QIcon icon() const { return m_icon; }

    /// The band beside the first and the last page: the accent colour with the logo on it.
    QPixmap band(qreal devicePixelRatio) const;

    /// The strip behind the title of the other pages: the window's own colour with a breath of
    /// accent.
    QPixmap strip(qreal devicePixelRatio) const;

    QPixmap logo(int size, qreal devicePixelRatio) const;

    /// \a palette with the accent as highlight, and text on it that can be read.
    QPalette accented() const;

private:
    QIcon m_icon;
    QColor m_accent;
    QPalette m_palette;
};

} // namespace Entracte
