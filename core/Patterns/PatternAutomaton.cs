using System.Text;

namespace Tributary.Patterns;

/// <summary>A tree as a deterministic automaton whose states are numbers, made when they are first needed.</summary>
/// <remarks>For comparing patterns with each other; <see cref="PatternMachine"/> is the one for matching. Not for several threads.</remarks>
internal sealed class PatternAutomaton
{
    /// <summary>The state before the text.</summary>
    public const int Start = 0;

    private const int Unmade = -1;
    private const int FirstAstral = 0x10000;
    private const int FirstSurrogate = 0xD800;
    private const int BehindSurrogates = 0xE000;

    private readonly PatternStepper stepper;
    private readonly RuneAlphabet alphabet;
    private readonly InstructionSets sets;
    private readonly Dictionary<PlaceSet, int> numbers = [];
    private readonly List<(PlaceSet Places, bool Accepts, int[] Next)> states = [];

    private PatternAutomaton(PatternProgram program, RuneAlphabet alphabet)
    {
        this.alphabet = alphabet;
        stepper = new PatternStepper(program, alphabet);
        sets = stepper.NewSets();
        stepper.Begin(sets);
        AddState(new PlaceSet(sets.Current, PlaceContext.Edge));
        Boundaries = BoundariesOf(program);
    }

    /// <summary>The code points at which the automaton may begin to treat code points otherwise; 0 is one of them.</summary>
    public IReadOnlyCollection<int> Boundaries { get; }

    /// <summary>How many instructions were looked at so far.</summary>
    public long Steps { get; private set; }

    /// <summary>The automaton of a tree; null when its program would be too large.</summary>
    public static PatternAutomaton? Of(PatternNode node)
    {
        if (node.Size >= PatternProgram.MaxSize)
        {
            return null;
        }
        var program = PatternProgram.Of(node);
        return RuneAlphabet.Of(program) is { } alphabet ? new PatternAutomaton(program, alphabet) : null;
    }

    /// <summary>The class of a code point, which is no surrogate.</summary>
    public int ClassOf(int rune)
    {
        Span<char> units = stackalloc char[2];
        var length = new Rune(rune).EncodeToUtf16(units);
        var index = 0;
        return alphabet.Read(units[..length], ref index);
    }

    /// <summary>The state behind a code point of a class.</summary>
    public int Step(int state, int runeClass)
    {
        var next = states[state].Next;
        if (next[runeClass] == Unmade)
        {
            sets.Load(states[state].Places);
            stepper.Step(sets, runeClass);
            var places = new PlaceSet(sets.Current, sets.Before);
            next[runeClass] = numbers.TryGetValue(places, out var known) ? known : AddState(places);
            Steps += sets.TakeSteps();
        }
        return next[runeClass];
    }

    /// <summary>Whether a text may end in a state.</summary>
    public bool Accepts(int state) => states[state].Accepts;

    /// <summary>Whether no text behind a state is accepted.</summary>
    public bool IsDead(int state) => states[state].Places.Instructions.Length == 0;

    /// <summary>Adds the state in which <see cref="sets"/> are.</summary>
    private int AddState(PlaceSet places)
    {
        stepper.End(sets);
        var next = new int[alphabet.Count];
        Array.Fill(next, Unmade);
        numbers.Add(places, states.Count);
        states.Add((places, sets.Accepts, next));
        return states.Count - 1;
    }

    private static HashSet<int> BoundariesOf(PatternProgram program)
    {
        List<RuneSet> all = [.. program.Sets];
        if (program.HasAssertions)
        {
            all.Add(NamedRuneSets.Word);
            all.Add(RuneSet.OfRune('\n'));
        }
        // Surrogates are in no text: a range of code points begins and ends beside them.
        var boundaries = new HashSet<int> { 0, BehindSurrogates, FirstAstral };
        foreach (var set in all)
        {
            foreach (var (low, high) in set.Ranges)
            {
                boundaries.Add(low);
                boundaries.Add(high + 1);
            }
        }
        boundaries.RemoveWhere(rune => rune is >= FirstSurrogate and < BehindSurrogates or > RuneSet.MaxRune);
        return boundaries;
    }
}
