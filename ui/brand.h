// SPDX-License-Identifier: MIT
#pragma once

#include "manifest/manifest.h"

#include <QColor>
#include <QIcon>
#include <QPalette>
#include <QWidget>

namespace Entracte {

/// The author's logo and accent colour, as the wizard draws them: sharp at every scale, readable on
/// light and dark desktops.
class Brand
{
public:
    Brand(const Branding &branding, const QPalette &palette);

    QIcon icon() const { return m_icon; }
    QColor accent() const { return m_accent; }

    /// \a palette with the accent as highlight, and text on it that can be read.
    QPalette accented() const;

private:
    QIcon m_icon;
    QColor m_accent;
    QPalette m_palette;
};

/// The band beside every page: the accent colour with the logo on it.
class BrandBand : public QWidget
{
    Q_OBJECT

public:
    explicit BrandBand(const Brand &brand, QWidget *parent = nullptr);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QIcon m_logo;
    QColor m_accent;
};

} // namespace Entracte
