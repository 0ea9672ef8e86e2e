using System.Text;

namespace Tributary.Patterns;

/// <summary>Finds where groups lie in a text, in time linear in its length: all ways at once, the preferred one in front.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class CaptureMachine
{
    /// <summary>Working memory above so many slots is not kept between runs.</summary>
    private const int MaxKeptSlots = 1 << 16;

    private readonly CaptureInstruction[] instructions;
    private readonly int start;
    private readonly int slotCount;
    private Run? spare;

    public CaptureMachine(CaptureProgram program, int groups)
    {
        instructions = [.. program.Instructions];
        start = program.Start;
        slotCount = 2 * groups;
    }

    /// <summary>Writes the places of the groups, −1 for one that took no part; the whole text has to match.</summary>
    /// <param name="value">The text.</param>
    /// <param name="places">Start and end of each group.</param>
    /// <param name="steps">Grows by the instructions looked at.</param>
    public bool TryFind(ReadOnlySpan<char> value, Span<int> places, ref long steps)
    {
        var run = Interlocked.Exchange(ref spare, null) ?? new Run(instructions.Length, slotCount);
        var found = Find(run, value, places);
        steps += run.TakeSteps();
        if ((long)instructions.Length * slotCount <= MaxKeptSlots)
        {
            Interlocked.Exchange(ref spare, run);
        }
        return found;
    }

    /// <summary>
    /// Writes the places of the groups of the first match in a text from a place on; the pattern begins with what it skips.
    /// </summary>
    /// <param name="value">The text; what is before the place counts for conditions on the place.</param>
    /// <param name="from">Where the search begins.</param>
    /// <param name="places">Start and end of each group.</param>
    public bool TryFindFirst(ReadOnlySpan<char> value, int from, Span<int> places)
    {
        var run = Interlocked.Exchange(ref spare, null) ?? new Run(instructions.Length, slotCount);
        var found = FindFirst(run, value, from, places);
        if ((long)instructions.Length * slotCount <= MaxKeptSlots)
        {
            Interlocked.Exchange(ref spare, run);
        }
        return found;
    }

    private bool FindFirst(Run run, ReadOnlySpan<char> value, int from, Span<int> places)
    {
        var (now, next) = (run.First, run.Second);
        now.Clear();
        run.Slots.Fill(-1);
        Follow(run, now, start, value, from);
        var found = false;
        for (var index = from; ; )
        {
            var length = 0;
            var rune = default(Rune);
            if (index < value.Length)
            {
                Rune.DecodeFromUtf16(value[index..], out rune, out length);
            }
            index += length;
            next.Clear();
            // What comes behind a way that matches is preferred less than it.
            for (var i = 0; i < now.Count; i++)
            {
                var instruction = instructions[now[i]];
                if (instruction.Operation is CaptureOperation.Match)
                {
                    now.SlotsOf(i).CopyTo(places);
                    found = true;
                    break;
                }
                if (length > 0 && instruction.Takes(rune.Value))
                {
                    now.SlotsOf(i).CopyTo(run.Slots);
                    Follow(run, next, instruction.Next, value, index);
                }
            }
            if (length == 0 || next.Count == 0)
            {
                return found;
            }
            (now, next) = (next, now);
        }
    }

    private bool Find(Run run, ReadOnlySpan<char> value, Span<int> places)
    {
        var (now, next) = (run.First, run.Second);
        now.Clear();
        run.Slots.Fill(-1);
        Follow(run, now, start, value, 0);
        for (var index = 0; index < value.Length && now.Count > 0; )
        {
            // A surrogate without its other half counts as U+FFFD, as in the automaton.
            Rune.DecodeFromUtf16(value[index..], out var rune, out var length);
            index += length;
            next.Clear();
            for (var i = 0; i < now.Count; i++)
            {
                var instruction = instructions[now[i]];
                if (instruction.Operation is CaptureOperation.Rune && instruction.Takes(rune.Value))
                {
                    now.SlotsOf(i).CopyTo(run.Slots);
                    Follow(run, next, instruction.Next, value, index);
                }
            }
            run.CountSteps(now.Count);
            (now, next) = (next, now);
        }
        for (var i = 0; i < now.Count; i++)
        {
            if (instructions[now[i]].Operation is CaptureOperation.Match)
            {
                now.SlotsOf(i).CopyTo(places);
                return true;
            }
        }
        return false;
    }

    /// <summary>Adds what waits at or behind an instruction for a code point or the end, in the order of preference.</summary>
    private void Follow(Run run, ThreadList into, int first, ReadOnlySpan<char> value, int index)
    {
        var pending = run.Pending;
        pending.Push(Step.To(first));
        while (pending.TryPop(out var step))
        {
            if (step.Slot >= 0)
            {
                run.Slots[step.Slot] = step.At;
                continue;
            }
            run.CountSteps(1);
            if (!into.Visit(step.At))
            {
                continue;
            }
            var instruction = instructions[step.At];
            switch (instruction.Operation)
            {
                case CaptureOperation.Split:
                    pending.Push(Step.To(instruction.Argument));
                    pending.Push(Step.To(instruction.Next));
                    break;
                case CaptureOperation.Save:
                    // The old place comes back when everything behind this instruction was followed.
                    pending.Push(new Step(run.Slots[instruction.Argument], instruction.Argument));
                    run.Slots[instruction.Argument] = index;
                    pending.Push(Step.To(instruction.Next));
                    break;
                case CaptureOperation.Assert:
                    if (Holds((AssertionKind)instruction.Argument, value, index))
                    {
                        pending.Push(Step.To(instruction.Next));
                    }
                    break;
                default:
                    into.Add(step.At, run.Slots);
                    break;
            }
        }
    }

    private static bool Holds(AssertionKind kind, ReadOnlySpan<char> value, int index) =>
        PatternStepper.Holds(
            kind,
            index == 0 ? PlaceContext.Edge : RuneAlphabet.ContextOf(value[index - 1]),
            index == value.Length ? PlaceContext.Edge : RuneAlphabet.ContextOf(value[index])
        );

    /// <summary>An instruction to follow, or, with a slot, the place to put back there.</summary>
    private readonly record struct Step(int At, int Slot)
    {
        public static Step To(int instruction) => new(instruction, -1);
    }

    /// <summary>The working memory of one run.</summary>
    private sealed class Run(int programSize, int slotCount)
    {
        private readonly int[] slots = new int[slotCount];
        private long steps;

        public ThreadList First { get; } = new(programSize, slotCount);

        public ThreadList Second { get; } = new(programSize, slotCount);

        public Stack<Step> Pending { get; } = new();

        public Span<int> Slots => slots;

        public void CountSteps(int count) => steps += count;

        public long TakeSteps()
        {
            var taken = steps;
            steps = 0;
            return taken;
        }
    }

    /// <summary>Waiting instructions in the order of preference, each with the places found on the way to it.</summary>
    private sealed class ThreadList(int programSize, int slotCount)
    {
        private readonly InstructionSet set = new(programSize);
        private int[] slots = [];

        public int Count => set.Count;

        public int this[int index] => set[index];

        public Span<int> SlotsOf(int index) => slots.AsSpan(index * slotCount, slotCount);

        public bool Visit(int instruction) => set.Visit(instruction);

        public void Add(int instruction, ReadOnlySpan<int> found)
        {
            var needed = (set.Count + 1) * slotCount;
            if (slots.Length < needed)
            {
                Array.Resize(ref slots, Math.Max(needed, Math.Min(2 * slots.Length, programSize * slotCount)));
            }
            set.Add(instruction);
            found.CopyTo(SlotsOf(set.Count - 1));
        }

        public void Clear() => set.Clear();
    }
}
