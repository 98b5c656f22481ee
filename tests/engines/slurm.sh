#!/bin/bash
# A Slurm on this machine, for tests: root, and a network namespace of its own, since slurmdbd listens on all addresses.
#
#   slurm.sh install          what it needs, from Debian or Ubuntu
#   slurm.sh up DIR NAME      start it in the namespace NAME, with all files in DIR
#   slurm.sh down DIR NAME    stop what `up` has started
#
# The node has four processors, whatever the machine has. Without cgroups and systemd. The accounting is needed: without it, Slurm forgets how a job ended.
set -eu

install() {
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        slurm-wlm munge slurmdbd mariadb-server iproute2 util-linux
}

bg() {  # name, command: start a daemon, and keep its process id
    name=$1
    shift
    setsid "$@" > "$DIR/$name.out" 2>&1 < /dev/null &
    echo $! > "$DIR/run/$name.started"
}

until_ok() {
    for _ in $(seq 120); do
        "$@" > /dev/null 2>&1 && return
        sleep .5
    done
    echo "gave up: $*" >&2
    return 1
}

settings() {
    HOST=$(hostname)
    cat > "$DIR/slurm.conf" << C
ClusterName=test
SlurmctldHost=$HOST(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$DIR/run/munge.socket
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=0
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=16819
AccountingStoragePass=$DIR/run/munge.socket
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
StateSaveLocation=$DIR/state
SlurmdSpoolDir=$DIR/spool
SlurmctldPidFile=$DIR/run/slurmctld.pid
SlurmdPidFile=$DIR/run/slurmd.pid
SlurmctldLogFile=$DIR/slurmctld.log
SlurmdLogFile=$DIR/slurmd.log
SchedulerParameters=batch_sched_delay=0,sched_interval=2
KillWait=2
MinJobAge=3600
SlurmdParameters=config_overrides
NodeName=$HOST NodeAddr=127.0.0.1 CPUs=4 RealMemory=500 State=UNKNOWN
PartitionName=debug Nodes=$HOST Default=YES MaxTime=INFINITE State=UP
C
    cat > "$DIR/slurmdbd.conf" << C
AuthType=auth/munge
AuthInfo=socket=$DIR/run/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=16819
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm_acct_db
PidFile=$DIR/run/slurmdbd.pid
LogFile=$DIR/slurmdbd.log
C
    chmod 600 "$DIR/slurmdbd.conf"
}

start() {
    mkdir -p "$DIR"/{state,spool,run,munge,db,socket}
    chmod 755 "$DIR" "$DIR/run"
    chmod 700 "$DIR/munge"
    chown mysql "$DIR/db" "$DIR/socket"
    mungekey -c -k "$DIR/munge/key"
    chmod 600 "$DIR/munge/key"
    settings
    export SLURM_CONF=$DIR/slurm.conf MYSQL_UNIX_PORT=$DIR/socket/mysqld.sock  # slurmdbd connects to that one
    bg munged munged --foreground --force --key-file="$DIR/munge/key" --socket="$DIR/run/munge.socket" \
        --pid-file="$DIR/run/munged.pid" --log-file="$DIR/munged.log" --seed-file="$DIR/munge/seed"
    mariadb-install-db --no-defaults --user=mysql --datadir="$DIR/db" --auth-root-authentication-method=socket > "$DIR/db.out" 2>&1
    bg mariadbd mariadbd --no-defaults --user=mysql --datadir="$DIR/db" --socket="$MYSQL_UNIX_PORT" --skip-networking
    until_ok mariadb --no-defaults --socket="$MYSQL_UNIX_PORT" -uroot -e 'create database if not exists slurm_acct_db'
    bg slurmdbd slurmdbd -D
    until_ok sacctmgr -i show cluster
    sacctmgr -i add cluster test > /dev/null
    bg slurmctld slurmctld -D -i
    until_ok scontrol ping
    bg slurmd slurmd -D -N "$HOST"
    until_ok bash -c 'sinfo -h -o %T | grep -q idle'
}

stop() {
    for name in slurmd slurmctld slurmdbd mariadbd munged; do
        if [ -e "$DIR/run/$name.started" ]; then
            pid=$(cat "$DIR/run/$name.started")
            kill "$pid" 2> /dev/null || true
            for _ in $(seq 100); do
                kill -0 "$pid" 2> /dev/null || break
                sleep .1
            done
            kill -9 "$pid" 2> /dev/null || true
        fi
    done
}

DIR=${2-}
NAME=${3-}
case $1 in
    install) install ;;
    up)
        ip netns add "$NAME"
        inside=(nsenter "--net=/var/run/netns/$NAME")
        "${inside[@]}" ip link set lo up
        "${inside[@]}" ip addr add 198.51.100.1/32 dev lo  # with 127.0.0.1 alone, no host name has an address
        "${inside[@]}" bash "$0" start "$DIR"
        ;;
    start) start ;;
    down)
        stop
        ip netns del "$NAME"
        ;;
esac
