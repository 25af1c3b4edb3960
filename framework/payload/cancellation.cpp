// SPDX-License-Identifier: MIT
#include "payload/cancellation.h"

namespace Entracte {

Error Cancellation::error()
{
    return {ErrorCode::Cancelled, tr("The installation was cancelled.", "error message")};
}

} // namespace Entracte
