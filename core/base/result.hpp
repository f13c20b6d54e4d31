// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error, which may not be ignored.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "core/base/error.hpp"

namespace duet {

/// tl::expected is not [[nodiscard]]; this wrapper is. What map() and and_then() return converts back.
template <class T>
struct [[nodiscard]] Result : tl::expected<T, Error> {
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result(Base base) : Base{std::move(base)} {}  // NOLINT: implicit on purpose
};

/// Shorthand for `return fail(Errc::limit, "...")`.
[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string what, std::string why = {},
                                                std::string fix = {}) {
  return tl::unexpected<Error>{Error{code, std::move(what), std::move(why), std::move(fix)}};
}

}  // namespace duet
