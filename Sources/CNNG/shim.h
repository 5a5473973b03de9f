// The parts of libnng that module NNG calls. Debian ships no .pc file, so the module map names the library itself.
#ifndef SWITCHYARD_CNNG_SHIM_H
#define SWITCHYARD_CNNG_SHIM_H
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/util/platform.h>
#endif
