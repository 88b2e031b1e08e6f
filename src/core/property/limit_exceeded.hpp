// What is thrown where something is larger than PostgreSQL can store.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace vero {

/// Its words are for people.
class LimitExceeded : public std::exception {
public:
	explicit LimitExceeded(std::string words) : words_(std::move(words)) {}
	char const *what() const noexcept override { return words_.c_str(); }

private:
	std::string words_;
};

} // namespace vero
