import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

/** What is asked before something is done. */
export interface Question {
  title: string;
  text?: string;
  /** Word on the button that does it. */
  action?: string;
  /** Whether it takes something away. */
  danger?: boolean;
  /** `true` where a reason must be given; left out where none is asked for. */
  reason?: boolean;
}

/** The one dialog that asks questions, and the one that asks to log in again. */
export const useAsk = defineStore('ask', () => {
  const question = shallowRef<Question | null>(null);
  let answer: ((reason: string | null) => void) | null = null;

  const again = shallowRef(false);
  let logins: ((done: boolean) => void)[] = [];

  /** Asks; the reason given (empty where none was asked for), or `null` when called off. */
  function ask(next: Question): Promise<string | null> {
    answer?.(null);
    question.value = next;
    return new Promise((resolve) => {
      answer = resolve;
    });
  }

  function settle(reason: string | null): void {
    question.value = null;
    const settled = answer;
    answer = null;
    settled?.(reason);
  }

  /** Asks to log in again; every request that waits goes on at once. */
  function loginAgain(): Promise<boolean> {
    again.value = true;
    return new Promise((resolve) => logins.push(resolve));
  }

  function settleLogin(done: boolean): void {
    again.value = false;
    const waiting = logins;
    logins = [];
    for (const resolve of waiting) resolve(done);
  }

  return { question, again, ask, settle, loginAgain, settleLogin };
});
