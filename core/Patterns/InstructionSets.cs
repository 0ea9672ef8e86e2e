namespace Tributary.Patterns;

/// <summary>The working memory of one run over one text.</summary>
internal sealed class InstructionSets(int programSize)
{
    private long steps;

    public InstructionSet Current { get; private set; } = new(programSize);

    public InstructionSet Other { get; private set; } = new(programSize);

    public Stack<int> Pending { get; } = new();

    /// <summary>What stands before the place of <see cref="Current"/>.</summary>
    public PlaceContext Before { get; set; }

    public bool Accepts { get; set; }

    public void Swap() => (Current, Other) = (Other, Current);

    public void Load(PlaceSet places)
    {
        Current.Clear();
        foreach (var instruction in places.Instructions)
        {
            Current.Visit(instruction);
            Current.Add(instruction);
        }
        Before = places.Before;
    }

    public void CountSteps(int count) => steps += count;

    public long TakeSteps()
    {
        var taken = steps;
        steps = 0;
        return taken;
    }
}

/// <summary>Instructions in the order in which they came, each once; clearing costs nothing.</summary>
internal sealed class InstructionSet(int programSize)
{
    private readonly int[] items = new int[programSize];
    private readonly int[] visits = new int[programSize];
    private int generation = 1;

    public int Count { get; private set; }

    public int this[int index] => items[index];

    /// <summary>Whether this is the first visit since the last clearing.</summary>
    public bool Visit(int instruction)
    {
        if (visits[instruction] == generation)
        {
            return false;
        }
        visits[instruction] = generation;
        return true;
    }

    public void Add(int instruction) => items[Count++] = instruction;

    public int[] ToSortedArray()
    {
        var sorted = items.AsSpan(0, Count).ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    public void Clear()
    {
        Count = 0;
        if (generation == int.MaxValue)
        {
            Array.Clear(visits);
            generation = 0;
        }
        generation++;
    }
}
