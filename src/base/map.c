/* Open addressing with linear probing over a dense, insertion-ordered entry array. SipHash-2-4 keyed once a map, so
 * that a hostile input cannot choose collisions. No removal: replace the value instead. */
#include "base/base.h"

#include <sodium.h>

typedef struct {
    tw_bytes key;
    void *value;
    uint64_t hash;
} entry;

struct tw_map {
    entry *entries;
    uint32_t *slots; /* entry index + 1, 0 = free */
    size_t slot_count; /* power of two */
    size_t count;
    size_t capacity;
    size_t max;
    tw_arena *keys;
    uint8_t sip[crypto_shorthash_KEYBYTES];
};

tw_map *tw_map_new(size_t count_max)
{
    TW_ASSERT(count_max < UINT32_MAX / 2);
    tw_map *m = tw_mem_alloc(sizeof *m);
    TW_ASSERT(m != NULL);
    m->max = count_max;
    m->keys = tw_arena_new((size_t)2 << 30);
    randombytes_buf(m->sip, sizeof m->sip); /* order of iteration does not depend on it */
    return m;
}

void tw_map_free(tw_map *m)
{
    if (!m)
        return;
    tw_arena_free(m->keys);
    tw_mem_free(m->entries);
    tw_mem_free(m->slots);
    tw_mem_free(m);
}

static uint64_t hash_of(const tw_map *m, tw_bytes key)
{
    uint8_t h[crypto_shorthash_BYTES];
    crypto_shorthash(h, key.p, key.n, m->sip);
    return tw_be64(h);
}

/* Slot that holds the key, or the free slot where it belongs. */
static size_t slot_of(const tw_map *m, tw_bytes key, uint64_t hash)
{
    size_t i = (size_t)hash & (m->slot_count - 1);
    while (m->slots[i]) {
        const entry *e = &m->entries[m->slots[i] - 1];
        if (e->hash == hash && tw_bytes_eq(e->key, key))
            return i;
        i = (i + 1) & (m->slot_count - 1);
    }
    return i;
}

void *tw_map_get(const tw_map *m, tw_bytes key)
{
    if (m->count == 0)
        return NULL;
    size_t i = slot_of(m, key, hash_of(m, key));
    return m->slots[i] ? m->entries[m->slots[i] - 1].value : NULL;
}

static bool grow(tw_map *m)
{
    size_t capacity = m->capacity ? m->capacity * 2 : 16;
    entry *entries = tw_mem_resize(m->entries, capacity * sizeof *entries);
    if (!entries)
        return false;
    m->entries = entries;
    uint32_t *slots = tw_mem_alloc(2 * capacity * sizeof *slots);
    if (!slots)
        return false;
    tw_mem_free(m->slots);
    m->slots = slots;
    m->slot_count = 2 * capacity;
    m->capacity = capacity;
    for (size_t i = 0; i < m->count; i++)
        m->slots[slot_of(m, m->entries[i].key, m->entries[i].hash)] = (uint32_t)i + 1;
    return true;
}

bool tw_map_put(tw_map *m, tw_bytes key, void *value)
{
    TW_ASSERT(value != NULL);
    uint64_t hash = hash_of(m, key);
    if (m->count) {
        size_t i = slot_of(m, key, hash);
        if (m->slots[i]) {
            m->entries[m->slots[i] - 1].value = value;
            return true;
        }
    }
    if (m->count >= m->max || (m->count == m->capacity && !grow(m)))
        return false;
    m->entries[m->count] = (entry){ tw_bytes_dup(m->keys, key), value, hash };
    m->slots[slot_of(m, key, hash)] = (uint32_t)++m->count;
    return true;
}

size_t tw_map_count(const tw_map *m)
{
    return m->count;
}

void *tw_map_at(const tw_map *m, size_t i, tw_bytes *key)
{
    TW_ASSERT(i < m->count);
    if (key)
        *key = m->entries[i].key;
    return m->entries[i].value;
}
