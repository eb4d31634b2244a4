export { GOALS, type Goal, type GoalId } from './goal.js';
