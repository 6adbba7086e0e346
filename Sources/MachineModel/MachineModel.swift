// MachineModel
