// precompiled/common.h and GoogleTest, for the tests.
#pragma once

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "cmake/precompiled/common.h"
