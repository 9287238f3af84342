#include "services/notifiable_events/module.h"

int main(int argc, char** argv) {
  return fosterwatch::runtime::RunMain(argc, argv, fosterwatch::notifiable_events::MakeModule());
}
