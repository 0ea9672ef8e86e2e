namespace Tributary.Patterns;

/// <summary>
/// Runs a program over whole texts in time linear in their length: a deterministic automaton whose states are made when
/// they are first needed, and, when their memory is used up, the sets of instructions themselves.
/// </summary>
/// <remarks>Safe for concurrent use: states are complete before they are linked, and are made under a lock.</remarks>
internal sealed class PatternMachine
{
    /// <summary>How much memory the states may take together, in 4-byte words: 1 MiB.</summary>
    public const int StateBudget = 256 << 10;

    private const int WordsPerLink = 2;
    private const int WordsPerState = 16;

    private readonly PatternStepper stepper;
    private readonly RuneAlphabet alphabet;
    private readonly Lock gate = new();
    private readonly Dictionary<PlaceSet, MachineState> states = [];
    private readonly MachineState start;
    private InstructionSets? spare;
    private int budgetLeft;

    /// <param name="program">What to run.</param>
    /// <param name="alphabet">The alphabet of <paramref name="program"/>.</param>
    /// <param name="stateBudget">At most <see cref="StateBudget"/>; smaller ones reach the slow road sooner.</param>
    public PatternMachine(PatternProgram program, RuneAlphabet alphabet, int stateBudget = StateBudget)
    {
        this.alphabet = alphabet;
        stepper = new PatternStepper(program, alphabet);
        budgetLeft = stateBudget;
        var sets = stepper.NewSets();
        stepper.Begin(sets);
        start = new MachineState(new PlaceSet(sets.Current, PlaceContext.Edge), alphabet.Count, Accepts(sets));
        states.Add(start.Places, start);
        spare = sets;
    }

    /// <summary>Whether the program takes the whole of <paramref name="value"/>.</summary>
    /// <param name="value">The text.</param>
    /// <param name="steps">Grows by the length and the instructions looked at.</param>
    public bool IsMatch(ReadOnlySpan<char> value, ref long steps)
    {
        var state = start;
        var index = 0;
        steps += value.Length;
        while (index < value.Length)
        {
            var before = index;
            var runeClass = alphabet.Read(value, ref index);
            var next = state.Next[runeClass] ?? Extend(state, runeClass, ref steps);
            if (next is null)
            {
                return Simulate(state, value[before..], ref steps);
            }
            if (next.IsDead)
            {
                return false;
            }
            state = next;
        }
        return state.Accepts;
    }

    /// <summary>Makes the state behind one that exists; null when the budget does not allow it.</summary>
    private MachineState? Extend(MachineState state, int runeClass, ref long steps)
    {
        if (Volatile.Read(ref budgetLeft) <= 0)
        {
            return null;
        }
        lock (gate)
        {
            if (state.Next[runeClass] is { } made)
            {
                return made;
            }
            var sets = Rent();
            sets.Load(state.Places);
            stepper.Step(sets, runeClass);
            var places = new PlaceSet(sets.Current, sets.Before);
            if (!states.TryGetValue(places, out var next))
            {
                next = new MachineState(places, alphabet.Count, Accepts(sets));
                states.Add(places, next);
                budgetLeft -= WordsPerState + places.Instructions.Length + WordsPerLink * alphabet.Count;
            }
            state.Next[runeClass] = next;
            steps += Return(sets);
            return next;
        }
    }

    /// <summary>Goes on without making states.</summary>
    private bool Simulate(MachineState state, ReadOnlySpan<char> value, ref long steps)
    {
        var sets = Rent();
        sets.Load(state.Places);
        for (var index = 0; index < value.Length && sets.Current.Count > 0; )
        {
            stepper.Step(sets, alphabet.Read(value, ref index));
        }
        var accepts = Accepts(sets);
        steps += Return(sets);
        return accepts;
    }

    private bool Accepts(InstructionSets sets)
    {
        stepper.End(sets);
        return sets.Accepts;
    }

    private InstructionSets Rent() => Interlocked.Exchange(ref spare, null) ?? stepper.NewSets();

    /// <summary>Gives the sets back; how many instructions were looked at with them.</summary>
    private long Return(InstructionSets sets)
    {
        var steps = sets.TakeSteps();
        Interlocked.Exchange(ref spare, sets);
        return steps;
    }
}

/// <summary>A state: where the program can be, and where each class of code points leads.</summary>
internal sealed class MachineState(PlaceSet places, int classes, bool accepts)
{
    public PlaceSet Places { get; } = places;

    public bool Accepts { get; } = accepts;

    public bool IsDead => Places.Instructions.Length == 0;

    public MachineState?[] Next { get; } = new MachineState?[places.Instructions.Length == 0 ? 0 : classes];
}

/// <summary>Waiting instructions, sorted, and what stands before them; equal by value.</summary>
internal readonly struct PlaceSet : IEquatable<PlaceSet>
{
    private readonly int hash;

    public PlaceSet(InstructionSet instructions, PlaceContext before)
    {
        Instructions = instructions.ToSortedArray();
        Before = before;
        var code = default(HashCode);
        code.Add(before);
        foreach (var instruction in Instructions)
        {
            code.Add(instruction);
        }
        hash = code.ToHashCode();
    }

    public int[] Instructions { get; }

    public PlaceContext Before { get; }

    public bool Equals(PlaceSet other) =>
        hash == other.hash && Before == other.Before && Instructions.AsSpan().SequenceEqual(other.Instructions);

    public override bool Equals(object? obj) => obj is PlaceSet other && Equals(other);

    public override int GetHashCode() => hash;
}
