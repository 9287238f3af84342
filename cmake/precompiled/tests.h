// precompiled/common.h and GoogleTest, for the tests.
#pragma once

#include "cmake/precompiled/common.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
