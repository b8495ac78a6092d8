/* Marks functions that touch every pixel. A build may name a section for them (the RP2040's RAM, where no
 * flash cache miss can stall them): -DCTC_HOT_SECTION=.name, without quotes. */
#ifndef CTC_HOT_H
#define CTC_HOT_H

#define CTC_TEXT_(name) #name
#define CTC_TEXT(name) CTC_TEXT_(name)

#ifdef CTC_HOT_SECTION
#define CTC_HOT __attribute__((section(CTC_TEXT(CTC_HOT_SECTION)), noinline))
#else
#define CTC_HOT
#endif

#endif
