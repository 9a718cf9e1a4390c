#include "db/db_ring.h"

#include <pthread.h>
#include <stdlib.h>

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int first, used; /* batches that are filled */
	bool ended, stopped;
	struct event_batch batches[RING_BATCHES];
};

int ring_open(struct ring **ring)
{
	struct ring *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_NOMEM;
	pthread_mutex_init(&made->lock, NULL);
	pthread_cond_init(&made->changed, NULL);
	*ring = made;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
	free(ring);
}

struct event_batch *ring_blank(struct ring *ring)
{
	struct event_batch *batch = NULL;

	pthread_mutex_lock(&ring->lock);
	while (ring->used == RING_BATCHES && !ring->stopped)
		pthread_cond_wait(&ring->changed, &ring->lock);
	if (!ring->stopped) {
		batch =
		    &ring->batches[(ring->first + ring->used) % RING_BATCHES];
		batch->count = 0;
		batch->detail_count = 0;
	}
	pthread_mutex_unlock(&ring->lock);
	return batch;
}

void ring_push(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->used++;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void ring_end(struct ring *ring, bool now)
{
	pthread_mutex_lock(&ring->lock);
	ring->ended = true;
	ring->stopped |= now;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

struct event_batch *ring_front(struct ring *ring)
{
	struct event_batch *batch = NULL;

	pthread_mutex_lock(&ring->lock);
	while (!ring->used && !ring->ended)
		pthread_cond_wait(&ring->changed, &ring->lock);
	if (ring->used && !ring->stopped)
		batch = &ring->batches[ring->first];
	pthread_mutex_unlock(&ring->lock);
	return batch;
}

void ring_pop(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->first = (ring->first + 1) % RING_BATCHES;
	ring->used--;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void ring_stop(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->stopped = true;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}
