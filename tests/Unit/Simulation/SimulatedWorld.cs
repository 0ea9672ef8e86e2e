using System.Globalization;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>One run: a scheduler, one storage account, and the instances that use it.</summary>
internal sealed class SimulatedWorld
{
    private readonly List<SimulatedInstance> instances = [];
    private readonly List<Action> withheld = [];
    private readonly FaultPolicy faults;
    private int requests;
    private Action<SimulatedInstance, int>? arriving;

    /// <param name="seed">Decides everything that is left to chance.</param>
    /// <param name="faults">What may go wrong for instances without a policy of their own; null for nothing.</param>
    public SimulatedWorld(ulong seed, FaultPolicy? faults = null)
    {
        Seed = seed;
        this.faults = faults ?? FaultPolicy.None;
        Scheduler = new SimulationScheduler(seed);
        Random = new SeededRandom(seed ^ 0x5DEECE66D);
        Storage = new SimulatedStorage(Scheduler.Time);
        Instance = NewInstance();
    }

    public ulong Seed { get; }

    public SimulationScheduler Scheduler { get; }

    /// <summary>The scenario's own chance.</summary>
    public SeededRandom Random { get; }

    public SimulatedStorage Storage { get; }

    /// <summary>The true clock, for the scenario itself.</summary>
    public TimeProvider Time => Scheduler.Time;

    /// <summary>All instances, the killed ones too.</summary>
    public IReadOnlyList<SimulatedInstance> Instances => instances;

    /// <summary>The instance under test, for scenarios with one at a time.</summary>
    public SimulatedInstance Instance { get; private set; }

    public SimulatedInstance NewInstance(FaultPolicy? policy = null, TimeSpan skew = default)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"i{instances.Count}");
        var instance = new SimulatedInstance(this, name, policy ?? faults, skew);
        instances.Add(instance);
        return instance;
    }

    /// <summary>Kills the instance under test, if it lives, and starts another in its place.</summary>
    public SimulatedInstance Restart(FaultPolicy? policy = null, TimeSpan skew = default)
    {
        Instance.Kill();
        return Instance = NewInstance(policy, skew);
    }

    /// <summary>Runs the scenario to its end.</summary>
    public void Run(Func<Task> scenario) => Scheduler.Run(scenario);

    public Task DelayAsync(TimeSpan time) => Task.Delay(time, Time, CancellationToken.None);

    /// <summary>Waits until no request is on its way: what lands late has landed. Withheld requests do not count.</summary>
    public Task SettleAsync() => SettleAsync(TimeSpan.FromSeconds(1));

    /// <summary>The same, looking less often: for worlds in which a request may be on its way for a day.</summary>
    public async Task SettleAsync(TimeSpan step)
    {
        while (requests > 0)
        {
            await DelayAsync(step);
        }
    }

    /// <summary>Lets the requests land that were withheld at a kill.</summary>
    public void LandWithheld()
    {
        foreach (var land in withheld)
        {
            land();
        }
        withheld.Clear();
    }

    /// <summary>Calls back at the arrival of every request, before it acts, with its number at its instance.</summary>
    public void OnArrival(Action<SimulatedInstance, int>? action) => arriving = action;

    /// <summary>Adds a line of the scenario's own to the trace.</summary>
    public void Note(string what) => Scheduler.Trace.Add(new TraceEntry(Scheduler.Now, "", what, "", -1, ""));

    internal void Arriving(SimulatedInstance instance, int call) => arriving?.Invoke(instance, call);

    internal void Withhold(Action land) => withheld.Add(land);

    internal void RequestSent() => requests++;

    internal void RequestEnded() => requests--;
}
