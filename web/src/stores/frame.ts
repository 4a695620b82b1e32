import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { ProblemError } from '@/api/errors';

/** The frame around the pages. */
export const useFrame = defineStore('frame', () => {
  /** Why the desk could not be set up: no server, no pack. */
  const problem = shallowRef<ProblemError | null>(null);
  return { problem };
});
