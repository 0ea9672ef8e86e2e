using System.Diagnostics;

namespace Tributary.Patterns;

/// <summary>A pattern as instructions that go forward over code points; <see cref="Start"/> is the first.</summary>
internal sealed class PatternProgram
{
    /// <summary>The most instructions a program may have.</summary>
    public const int MaxSize = 250_000;

    private readonly List<PatternInstruction> instructions = [];
    private readonly List<RuneSet> sets = [];
    private readonly Dictionary<RuneSet, int> setIndexes = [];

    private PatternProgram(PatternNode node)
    {
        Start = Compile(node, Add(new PatternInstruction(PatternOperation.Match, 0, 0)));
    }

    public int Start { get; }

    public IReadOnlyList<PatternInstruction> Instructions => instructions;

    /// <summary>The sets that <see cref="PatternOperation.Rune"/> refers to.</summary>
    public IReadOnlyList<RuneSet> Sets => sets;

    public bool HasAssertions { get; private set; }

    /// <summary>Compiles a tree whose size is at most <see cref="MaxSize"/>.</summary>
    public static PatternProgram Of(PatternNode node)
    {
        Debug.Assert(node.Size <= MaxSize, "the tree was not checked");
        return new PatternProgram(node);
    }

    /// <summary>Adds the instructions of <paramref name="node"/> that lead to <paramref name="next"/>; where they start.</summary>
    private int Compile(PatternNode node, int next) =>
        node switch
        {
            PatternNode.Empty => next,
            PatternNode.Literal literal => CompileLiteral(literal.Text, next),
            PatternNode.CharClass charClass => AddRune(charClass.Set, next),
            PatternNode.Assertion assertion => AddAssertion(assertion.Kind, next),
            PatternNode.Capture capture => Compile(capture.Inner, next),
            PatternNode.Repeat repeat => CompileRepeat(repeat, next),
            PatternNode.Concat concat => CompileConcat(concat, next),
            PatternNode.Alternate alternate => CompileAlternate(alternate, next),
            _ => throw new UnreachableException(),
        };

    private int CompileLiteral(string text, int next)
    {
        foreach (var rune in text.EnumerateRunes().Reverse())
        {
            next = AddRune(RuneSet.OfRune(rune.Value), next);
        }
        return next;
    }

    private int CompileConcat(PatternNode.Concat concat, int next)
    {
        for (var i = concat.Parts.Count - 1; i >= 0; i--)
        {
            next = Compile(concat.Parts[i], next);
        }
        return next;
    }

    private int CompileAlternate(PatternNode.Alternate alternate, int next)
    {
        var entry = Compile(alternate.Branches[^1], next);
        for (var i = alternate.Branches.Count - 2; i >= 0; i--)
        {
            entry = Add(new PatternInstruction(PatternOperation.Split, Compile(alternate.Branches[i], next), entry));
        }
        return entry;
    }

    private int CompileRepeat(PatternNode.Repeat repeat, int next)
    {
        var entry = next;
        var copies = repeat.Min;
        if (repeat.Max is { } max)
        {
            // Nested, ((x)?x)?: whoever leaves, leaves to the end.
            for (var i = repeat.Min; i < max; i++)
            {
                entry = Add(new PatternInstruction(PatternOperation.Split, Compile(repeat.Inner, entry), next));
            }
        }
        else
        {
            var loop = Add(new PatternInstruction(PatternOperation.Split, 0, next));
            var body = Compile(repeat.Inner, loop);
            instructions[loop] = new PatternInstruction(PatternOperation.Split, body, next);
            entry = copies == 0 ? loop : body;
            copies = Math.Max(0, copies - 1);
        }
        for (var i = 0; i < copies; i++)
        {
            entry = Compile(repeat.Inner, entry);
        }
        return entry;
    }

    private int AddRune(RuneSet set, int next)
    {
        if (!setIndexes.TryGetValue(set, out var index))
        {
            index = sets.Count;
            sets.Add(set);
            setIndexes.Add(set, index);
        }
        return Add(new PatternInstruction(PatternOperation.Rune, next, index));
    }

    private int AddAssertion(AssertionKind kind, int next)
    {
        HasAssertions = true;
        return Add(new PatternInstruction(PatternOperation.Assert, next, (int)kind));
    }

    private int Add(PatternInstruction instruction)
    {
        instructions.Add(instruction);
        return instructions.Count - 1;
    }
}

/// <summary>One step; <see cref="Argument"/> is the other way of a split, a set's index, or an assertion's kind.</summary>
internal readonly record struct PatternInstruction(PatternOperation Operation, int Next, int Argument);

/// <summary>What an instruction does.</summary>
internal enum PatternOperation : byte
{
    Match,
    Split,
    Rune,
    Assert,
}
