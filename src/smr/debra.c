/* DEBRA+: the scheme. The fast path is in debra.h, neutralization in neutralize.c, the round is that of epochs.
 *
 * Why what passes may_free is held by nobody.
 *   A thread that announces nothing new. As under epochs (epoch.c): who could have read a link to the object announced its
 *   stamp s at most, and the move from s + 1 to s + 2 was made by a round that saw it quiescent, or in a later epoch, or
 *   proved that it is thrown back before it reads on (neutralize.c).
 *   A thread that was seen quiescent may be in a WRITE. Then it filled its slots before it announced that, so the round
 *   saw them filled, and by the chain of moves of the epoch so does whoever frees: slots are collected after the epoch
 *   that allows it was read. A SEARCH that begins at an object in a slot keeps that set until it has committed another.
 *   A thread in a guard: its slots are ordered against the unlink by fences, as under IBR (slots.c).
 *
 * Bound. A thread starts a round every CC_SCAN_ENTRIES entries while the epoch moves, and sends signals once
 * CC_SUSPECT_ENTRIES wait. Three rounds that move the epoch free all that no slot holds, so n threads that retire, each into
 * a limbo of its own, let at most
 *     n * (CC_SUSPECT_ENTRIES + 3 * CC_SCAN_ENTRIES) + 1.25 * (slots of all threads)
 * wait behind threads that are asleep; likewise in bytes. Beside one that is thrown back again and again, the first term is
 * up to 2^CC_PATIENCE_MAX times as large. That holds in strong mode, but for a thread that is asleep in our own handler; by
 * acknowledgement alone it holds while the threads in the way run now and then.
 *
 * Broken if: the bit is set before the slots are filled, slots are collected before the epoch is read, a SEARCH commits
 * into the set that it began from, WRITE follows a pointer. Tests: the model's clients, fault/stall, fault/neutralize,
 * fault/neutralize-real, stress_map. */
#include "smr/epoch_round.h"
#include "smr/neutralize.h"

static bool round_begin(cc__round_t *round)
{
    if (!cc__epoch_round(round, cc__neutralize))
        return false;
    cc__slots_collect(&round->slots, round->domain);
    return true;
}

static bool may_free(cc__round_t *round, const cc__block_t *block, const cc__entry_t *entry)
{
    if (!cc__epoch_over(round, block))
        return false;
    cc__rec_t *holder = cc__slots_holder(&round->slots, entry->ptr);
    if (holder == NULL)
        return true;
    cc__round_blame(round, cc__entry_is_object(entry) ? CC_STALL_GUARD : CC_STALL_OPERATION, holder);
    return false;
}

const cc__scheme_t cc__scheme_debra = {
    .name = "debra",
    .ticks = false,
    .slots = true,
    .commits = true,
    .reclaims = true,
    .rounds = 3,
    .round_begin = round_begin,
    .may_free = may_free,
};
